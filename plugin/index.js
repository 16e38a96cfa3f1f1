// JavaScript, because the SDK's runner would compile TypeScript with a compiler of its own, which refuses imports that name a .ts file.
// Node (22.18 or later) runs the imported TypeScript as it is.
import "./serve.ts";
