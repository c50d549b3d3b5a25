// The main function of every test executable, in a file of its own: it takes long to compile.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
