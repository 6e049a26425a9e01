/** An engine as a person reads it. */
import type { Describe } from "../display";
import type { Engine } from "./engine";

export const describeEngine: Describe<Engine> = ({ info }) => {
  const { requested, name, precision, executor, software, fallbackReason, chosen } = info;
  return [
    `engine ${name}: ${precision}${executor === undefined ? "" : `, ${executor}`}` +
      (requested === name ? "" : `; chosen for "${requested}"`),
    ...(software === undefined ? [] : [`  in software: ${software}`]),
    ...(chosen === undefined ? [] : [`  ${chosen}`]),
    ...(fallbackReason === undefined ? [] : [`  no better one: ${fallbackReason}`]),
  ];
};
