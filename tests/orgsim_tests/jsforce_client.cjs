// What a Node program does with an org: run by test_jsforce.py with the org's URL, prints one JSON.
const assert = require("node:assert");
const jsforce = require("jsforce");

const KEY = "Jtel_Callback_ID__c";
const MANY = 500;

async function main(url) {
  const told = {};
  const oauth2 = { loginUrl: url, clientId: "demo-client", clientSecret: "demo-secret" };
  const conn = new jsforce.Connection({ oauth2, instanceUrl: url, version: "62.0" });
  const user = await conn.authorize({ grant_type: "client_credentials" });
  told.organization = user.organizationId;

  const one = await conn.sobject("Case").create({ Subject: "from Node" });
  const read = await conn.sobject("Case").retrieve(one.id);
  told.inserted = [one.success, read.Subject];

  const rows = Array.from({ length: MANY }, (_, i) => ({ [KEY]: `node-${i}`, Subject: "upserted" }));
  const upsert = () => conn.sobject("Case").upsert(rows, KEY, { allowRecursive: true });
  const first = await upsert();
  const second = await upsert();
  told.upserted = [first, second].map((all) => all.filter((r) => r.success).length);
  told.created = [first, second].map((all) => all.filter((r) => r.created).length);

  const tasks = Array.from({ length: 2200 }, () => ({ Subject: "many" }));
  await conn.sobject("Task").create(tasks, { allowRecursive: true });
  const page = await conn.query("SELECT Id FROM Task");
  told.page = [page.totalSize, page.records.length, page.done];
  const all = await conn.query("SELECT Id FROM Task", { autoFetch: true, maxFetch: 5000 });
  told.all = all.records.length;

  await conn.sobject("Case").update({ Id: one.id, Status: "Closed" });
  told.closed = (await conn.sobject("Case").findOne({ Id: one.id }, ["IsClosed"])).IsClosed;
  await conn.sobject("Case").destroy(one.id);
  await assert.rejects(conn.sobject("Case").retrieve(one.id), { errorCode: "ENTITY_IS_DELETED" });

  const found = await conn.search(
    "FIND {493023125001} IN PHONE FIELDS RETURNING Contact(Id, Name)",
  );
  told.found = found.searchRecords.length;
  told.key = (await conn.sobject("Case").describe()).fields.find((f) => f.name === KEY).unique;
  told.limits = (await conn.limits()).DailyApiRequests.Max;
  told.usage = conn.limitInfo.apiUsage.limit;
  told.identity = (await conn.identity()).username;
  await assert.rejects(conn.query("SELECT Nope FROM Case"), { errorCode: "INVALID_FIELD" });
  console.log(JSON.stringify(told));
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
