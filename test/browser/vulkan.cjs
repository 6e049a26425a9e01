/**
 * The variables with which WebGPU in Node finds a driver where the system has none: Debian's Chromium brings a loader of
 * Vulkan and SwiftShader, which computes in software. They must stand before the process starts. Plain JavaScript, since the
 * configuration of vitest asks for it too.
 */
const { existsSync } = require("node:fs");

const CHROMIUM = "/usr/lib/chromium";
const ICD = `${CHROMIUM}/vk_swiftshader_icd.json`;
/** Where drivers of the system register. */
const DRIVERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/** Empty where the system has a driver of its own, where somebody chose one, and where Chromium is not. */
function softwareVulkan() {
  const { VK_ICD_FILENAMES, VK_DRIVER_FILES, LD_LIBRARY_PATH } = process.env;
  if (
    VK_ICD_FILENAMES !== undefined ||
    VK_DRIVER_FILES !== undefined ||
    DRIVERS.some((folder) => existsSync(folder)) ||
    !existsSync(ICD)
  )
    return {};
  return {
    VK_ICD_FILENAMES: ICD,
    LD_LIBRARY_PATH: [CHROMIUM, ...(LD_LIBRARY_PATH === undefined ? [] : [LD_LIBRARY_PATH])].join(":"),
  };
}

module.exports = { softwareVulkan };
