/** How to get the engines that a machine may lack: what `ohmlet doctor` says of those that do not run. */
import type { EngineProbe } from "../engines/select";

/** Sentences for each engine, in the order in which one would try them. */
function waysTo({ name, detail }: EngineProbe, webgpuInstalled: boolean): readonly string[] {
  switch (name) {
    case "gpu:webgpu":
      return [
        ...(webgpuInstalled
          ? []
          : [
              "in Node: npm install webgpu (0.6 or later, 130 MB; it is loaded only when this engine " +
                "is asked for)",
            ]),
        ...(webgpuInstalled && !/adapter|device/.test(detail)
          ? [
              "the package is here and fails: see that it is 0.6 or later, and that the system has " +
                "its libraries",
            ]
          : []),
        "in Node it needs a driver that it can find: on Linux libvulkan1 and the driver of the " +
          "graphics card; macOS and Windows bring theirs",
        "without a card, in software and slowly, on Debian: mesa-vulkan-drivers; or, with chromium " +
          "installed, start Node with VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json " +
          "LD_LIBRARY_PATH=/usr/lib/chromium",
        "in a browser: current Chrome, Edge and Safari have it, and Firefox on most systems; it needs " +
          "https or localhost. Headless Chromium without a card: --enable-unsafe-webgpu " +
          "--use-webgpu-adapter=swiftshader",
      ];
    case "gpu:webgl2":
      return [
        "in a browser only: bundle Ohmlet into a page; every current browser has it, without flags " +
          "and without a card",
      ];
    case "gpu:webasm":
    case "simd":
      return ["needs WebAssembly with SIMD: Node 20.19 or later, or a current browser"];
    default:
      return [];
  }
}

export interface Ways {
  readonly name: string;
  readonly ways: readonly string[];
}

/** What to do for each engine that does not run. */
export function obtain(probes: readonly EngineProbe[], webgpuInstalled: boolean): Ways[] {
  return probes
    .filter(({ runs }) => !runs)
    .map((probe) => ({ name: probe.name, ways: waysTo(probe, webgpuInstalled) }));
}
