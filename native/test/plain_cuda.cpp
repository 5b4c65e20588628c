// The functions of CUDA's runtime that lavis4j_cuda asks, of a machine that a test describes.
#include "plain_cuda.h"

#include <cstring>

namespace {

PlainCuda machine;

}  // namespace

extern "C" {

void plain_cuda_set(const PlainCuda* described) { machine = *described; }
int plain_cuda_last_error() { return machine.last_error; }

int cudaRuntimeGetVersion(int* version) {
  *version = 13030;
  return 0;
}

int cudaDriverGetVersion(int* version) {
  *version = machine.driver;
  return 0;
}

int cudaGetDeviceCount(int* count) {
  *count = machine.error == 0 ? machine.devices : -1;
  machine.last_error = machine.error;
  return machine.error;
}

int cudaGetLastError() {
  const int error = machine.last_error;
  machine.last_error = 0;
  return error;
}

const char* cudaGetErrorString(int /*error*/) { return machine.message; }

int cudaDeviceGetAttribute(int* value, int attribute, int device) {
  *value = attribute == 75 ? 8 : attribute == 76 ? device : -1;
  return 0;
}

int cudaGetDeviceProperties(void* properties, int device) {
  if (device >= machine.devices) {
    machine.last_error = 101;
    return 101;
  }
  char* bytes = static_cast<char*>(properties);
  std::memset(bytes, 0, 1024);
  std::strcpy(bytes, "A card");
  const size_t memory = size_t{24} << 30;
  std::memcpy(bytes + 288, &memory, sizeof memory);
  return 0;
}

}  // extern "C"
