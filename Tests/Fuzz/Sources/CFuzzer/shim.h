#include <stddef.h>
#include <stdint.h>

// libFuzzer as a library: runs a callback on inputs until it is told to stop or finds one that crashes.
// No header declares it; `FuzzerInterface.h` of the compiler's runtime is not installed.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
