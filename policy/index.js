// Not TypeScript itself: the SDK's runner would compile that with a compiler of its own, which takes longer than all
// rules together and refuses imports that name a .ts file. Node (22.18 or later) runs what is imported from here as it is.
import "./pack.ts";
