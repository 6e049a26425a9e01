/** What a terminal obeys, and what turns text around; a line break is one of them. */
export const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\p{Cs}]/u;
