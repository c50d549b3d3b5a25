// The same for tests, and their framework.
#include <catch2/catch.hpp>

#include "product.h"
