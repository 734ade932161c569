// Trains a model with OpenAI's SDK for node and asks it, by the class and the address given.
// node client.mjs azure|openai URL KEY DEPLOYMENT < rows.jsonl
// Writes one line of JSON; the model is to be deployed under the name when the first line is out.
import { readFileSync } from "node:fs";
import OpenAI, { AzureOpenAI, toFile } from "openai";

const [kind, url, apiKey, deployment] = process.argv.slice(2);
const rows = readFileSync(0);
const client =
  kind === "azure"
    ? new AzureOpenAI({ endpoint: url, apiKey, apiVersion: "2024-12-01-preview" })
    : new OpenAI({ baseURL: `${url}/openai/v1/`, apiKey });
const rest = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
const all = async (pages) => {
  const found = [];
  for await (const one of pages) found.push(one);
  return found;
};
const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);

const file = await client.files.create({ file: await toFile(rows, "rows.jsonl"), purpose: "fine-tune" });
await client.files.waitForProcessing(file.id, { pollInterval: 20 });
let job = await client.fineTuning.jobs.create({
  model: "gpt-4.1-mini",
  training_file: file.id,
  suffix: "node",
  seed: 105,
  trainingType: "globalStandard",
});
while (!["succeeded", "failed", "cancelled"].includes(job.status)) {
  await rest(0.02);
  job = await client.fineTuning.jobs.retrieve(job.id);
}
const events = await all(client.fineTuning.jobs.listEvents(job.id, { limit: 3 }));
const checkpoints = await all(client.fineTuning.jobs.checkpoints.list(job.id, { limit: 1 }));
const table = await (await client.files.content(job.result_files[0])).text();
say({ job, events: events.length, checkpoints: checkpoints.length, table: table.slice(0, 15) });

const asked = {
  model: deployment,
  messages: [{ role: "user", content: "siete" }],
  temperature: 0,
  logprobs: true,
  top_logprobs: 2,
};
let said;
for (let tries = 0; !said; tries += 1) {
  try {
    said = await client.chat.completions.create(asked);
  } catch (error) {
    if (error.code !== "DeploymentNotFound" || tries > 500) throw error;
    await rest(0.02);
  }
}
let streamed = "";
for await (const piece of await client.chat.completions.create({ ...asked, stream: true })) {
  streamed += piece.choices[0]?.delta.content ?? "";
}
const refused = await client.chat.completions
  .create({ ...asked, temperature: 9 })
  .catch((error) => error.status);
await client.files.delete(file.id);
say({ said, streamed, refused });
