"""Makes core dumps of Node.js programs whose heaps are known."""
