import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readContent } from "../../image/content-key.ts";
import { checkout, removeFolders } from "./checkouts.ts";

/** As sha256sum prints it. */
const sha256OfModel = "d958965e49e1c06c81a722d15b3e1f22d422f1985b135532a9d6065593fb7143";

describe("Content key of a large file", () => {
  after(removeFolders);

  it("is that of its bytes, also of 2,200 MB, more than Node reads as a whole", function () {
    this.timeout(120_000);
    const context = checkout({ Dockerfile: { text: "FROM scratch\n" } });
    const model = join(context, "model.bin");
    writeFileSync(model, "weights");
    truncateSync(model, 2_200_000_000); // the rest is a hole, which takes no space
    const { files } = readContent({ context });
    assert.equal(files.find(({ path }) => path === "model.bin")?.content, sha256OfModel);
  });
});
