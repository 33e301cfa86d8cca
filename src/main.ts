#!/usr/bin/env node
// The composition root: everything that touches the machine (clock, randomness, files, sockets, exit) is made here.
process.exitCode = 64
