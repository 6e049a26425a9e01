/** The rows of the table of differences that only a page can give ("?programs=40"). */
import { largestDifferences } from "../conformance/differences";
import { asked, post } from "./post";

const IN_PAGES = ["gpu:webgpu", "gpu:webgl2", "simd"];

post(largestDifferences(Number(asked("programs")), (engine) => IN_PAGES.includes(engine)));
