#include "sagactl/program.h"

int main(int argc, char** argv) { return seatsaga::cli::RunProgram(argc, argv); }
