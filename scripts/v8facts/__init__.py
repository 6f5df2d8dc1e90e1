"""What a Node.js binary says about its own V8; used by scripts/new-node-version."""
