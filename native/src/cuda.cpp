#include "lavis4j/cuda.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace lavis4j {
namespace {

// Attributes of a device, as numbered by CUDA's runtime.
constexpr int kCapabilityMajor = 75;
constexpr int kCapabilityMinor = 76;

// The beginning of cudaDeviceProp, the same since CUDA 10, and room for the rest.
struct Properties {
  char name[256];
  char uuid[16];
  char luid[8];
  unsigned int luid_mask;
  size_t memory;
  char rest[8192];
};
static_assert(offsetof(Properties, memory) == 288, "as CUDA has it");

struct Runtime {
  int (*runtime_version)(int*) = nullptr;
  int (*driver_version)(int*) = nullptr;
  int (*count)(int*) = nullptr;
  int (*last_error)() = nullptr;
  const char* (*error_string)(int) = nullptr;
  int (*attribute)(int*, int, int) = nullptr;
  int (*properties)(Properties*, int) = nullptr;
};

template <typename F>
bool Find(void* library, const char* name, F*& function) {
  function = reinterpret_cast<F*>(dlsym(library, name));
  return function != nullptr;
}

// A handle's symbols are those of the library and of all that it depends on.
lavis4j_cuda_status Open(const char* name, Runtime& cuda) {
  void* library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) {
    return LAVIS4J_CUDA_NOT_LOADED;
  }
  const bool found = Find(library, "cudaRuntimeGetVersion", cuda.runtime_version) &&
                     Find(library, "cudaDriverGetVersion", cuda.driver_version) &&
                     Find(library, "cudaGetDeviceCount", cuda.count) &&
                     Find(library, "cudaGetLastError", cuda.last_error) &&
                     Find(library, "cudaGetErrorString", cuda.error_string) &&
                     Find(library, "cudaDeviceGetAttribute", cuda.attribute) &&
                     Find(library, "cudaGetDeviceProperties", cuda.properties);
  dlclose(library);  // whoever loaded it still has it
  return found ? LAVIS4J_CUDA_OK : LAVIS4J_CUDA_NO_SYMBOL;
}

void Copy(const char* text, char (&to)[LAVIS4J_CUDA_TEXT]) {
  const size_t length = std::min(std::strlen(text), sizeof(to) - 1);
  std::memcpy(to, text, length);
  to[length] = '\0';
}

}  // namespace
}  // namespace lavis4j

lavis4j_cuda_status lavis4j_cuda_read(const char* library, lavis4j_cuda_state* state) {
  if (library == nullptr || state == nullptr) {
    return LAVIS4J_CUDA_BAD_ARGUMENT;
  }
  lavis4j::Runtime cuda;
  const lavis4j_cuda_status status = lavis4j::Open(library, cuda);
  if (status != LAVIS4J_CUDA_OK) {
    return status;
  }
  *state = {};
  cuda.runtime_version(&state->runtime);
  cuda.driver_version(&state->driver);
  state->error = cuda.count(&state->devices);
  if (state->error != 0) {
    state->devices = 0;
    lavis4j::Copy(cuda.error_string(state->error), state->message);
    cuda.last_error();  // forgotten, so that nobody takes it for an error of their own
  }
  return LAVIS4J_CUDA_OK;
}

lavis4j_cuda_status lavis4j_cuda_read_device(const char* library, int32_t index,
                                             lavis4j_cuda_device* device) {
  if (library == nullptr || device == nullptr) {
    return LAVIS4J_CUDA_BAD_ARGUMENT;
  }
  lavis4j::Runtime cuda;
  const lavis4j_cuda_status status = lavis4j::Open(library, cuda);
  if (status != LAVIS4J_CUDA_OK) {
    return status;
  }
  *device = {};
  lavis4j::Properties properties{};
  if (cuda.properties(&properties, index) != 0 ||
      cuda.attribute(&device->major, lavis4j::kCapabilityMajor, index) != 0 ||
      cuda.attribute(&device->minor, lavis4j::kCapabilityMinor, index) != 0) {
    cuda.last_error();
    return LAVIS4J_CUDA_REFUSED;
  }
  lavis4j::Copy(properties.name, device->name);
  device->memory = static_cast<int64_t>(properties.memory);
  return LAVIS4J_CUDA_OK;
}
