/**
 * What a report keeps of mistakes: images in colour and names of classes come back; anything else is left
 * out.
 */
import { describe, expect, it } from "vitest";
import { gridOf, readMistakes, type Mistakes } from "../../src/runs/training/mistakes";
import { imageGrid } from "../../src/plot/image-grid";
import { standaloneSvg } from "../../src/plot/standalone";

const colour: Mistakes = {
  among: 5,
  shape: [1, 2],
  classNames: ["cat", "dog"],
  samples: [{ index: 3, label: 0, predicted: 1, pixels: [1, 0, 0, 0, 0, 1] }],
};

describe("mistakes in colour", () => {
  it("are read again, named, and not inverted where the page is dark", () => {
    const read = readMistakes(JSON.parse(JSON.stringify(colour)));
    expect(read).toEqual(colour);
    const [grid] = gridOf(read!);
    expect(grid.images[0].caption).toBe("cat read as dog");
    expect(standaloneSvg(imageGrid(grid))).toContain('class="photo"');
    expect(standaloneSvg(imageGrid({ ...grid, images: [{ pixels: [0, 1], caption: "" }] }))).not.toContain(
      'class="photo"',
    );
  });

  it("are left out where they do not fit together", () => {
    expect(readMistakes({ ...colour, samples: [{ ...colour.samples[0], pixels: [1, 0, 0, 0] }] })).toBeNull();
    expect(readMistakes({ ...colour, classNames: [1] })).toBeNull();
    expect(gridOf({ ...colour, classNames: undefined })[0].images[0].caption).toBe("0 read as 1");
  });
});
