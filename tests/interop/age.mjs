// The other implementation, as three commands:
//   node age.mjs keygen hybrid|x25519           prints the identity, then the recipient
//   node age.mjs seal RECIPIENT... < plain > sealed
//   node age.mjs open IDENTITY < sealed > plain
import { readFileSync, writeSync } from "node:fs";
import * as age from "age-encryption";

const [command, ...keys] = process.argv.slice(2);

function put(bytes) {
  for (let done = 0; done < bytes.length; ) done += writeSync(1, bytes, done);
}

if (command === "keygen") {
  const make = { hybrid: age.generateHybridIdentity, x25519: age.generateX25519Identity };
  const identity = await make[keys[0]]();
  console.log(`${identity}\n${await age.identityToRecipient(identity)}`);
} else if (command === "seal") {
  const encrypter = new age.Encrypter();
  for (const key of keys) encrypter.addRecipient(key);
  put(await encrypter.encrypt(new Uint8Array(readFileSync(0))));
} else if (command === "open") {
  const decrypter = new age.Decrypter();
  for (const key of keys) decrypter.addIdentity(key);
  put(await decrypter.decrypt(new Uint8Array(readFileSync(0)), "uint8array"));
} else {
  throw new Error(`unknown command ${command}`);
}
