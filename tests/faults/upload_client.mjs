// Sends one file by tus, as the upload page does, and tells on each line of its output how far it is. Killed and
// started again it goes on from what it kept of its earlier run.
import {createReadStream, statSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";

const root = process.env.KHOCHUNG_SOURCE_DIR ?? join(dirname(fileURLToPath(import.meta.url)), "../..");
const tus = createRequire(join(root, "server/web/package.json"))("tus-js-client");

const [address, file, memory, chunkBytes] = process.argv.slice(2);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

const upload = new tus.Upload(createReadStream(file), {
  endpoint: address + "/api/v1/uploads",
  headers: {Authorization: "Bearer " + process.env.TOKEN},
  metadata: {filename: "phim.bin"},
  uploadSize: statSync(file).size,
  chunkSize: Number(chunkBytes),
  retryDelays: Array(200).fill(250),
  urlStorage: new tus.FileUrlStorage(memory),
  onShouldRetry: () => true,
  onProgress: (sent) => say({sent}),
  onAfterResponse: (request, response) => say({method: request.getMethod(), status: response.getStatus(),
    offset: Number(response.getHeader("Upload-Offset") ?? -1)}),
  onError: (error) => {
    say({error: error.message});
    process.exit(1);
  },
  onSuccess: () => {
    say({place: upload.url});
    process.exit(0);
  },
});
const [previous] = await upload.findPreviousUploads();
if (previous) upload.resumeFromPreviousUpload(previous);
upload.start();
