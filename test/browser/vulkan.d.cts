export declare function softwareVulkan(): Readonly<Record<string, string>>;
