#define CATCH_CONFIG_RUNNER  // version 2 builds itself into this file; version 3 is a library
#include "support/catch.h"

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
