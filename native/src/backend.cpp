#include "backend.h"

#include <dlfcn.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace lavis4j {
namespace {

using SetThreads = void(int);
using GetThreads = int();

struct Backend {
  void* library = nullptr;
  Functions<float> single_precision;
  Functions<double> double_precision;
  SetThreads* set_threads = nullptr;
  int threads_before = 1;
};

Backend storage;  // written before backend points to it, constant afterwards
std::atomic<const Backend*> backend{nullptr};
std::atomic<GetThreads*> torch_threads{nullptr};
std::atomic<bool> released{false};

template <typename F>
bool Find(void* library, const char* name, F*& function) {
  function = reinterpret_cast<F*>(dlsym(library, name));
  return function != nullptr;
}

const Backend& Ready() {
  const Backend* ready = backend.load(std::memory_order_acquire);
  if (ready == nullptr) {
    std::fputs("lavis4j_blas: a product arrived before lavis4j_blas_init\n", stderr);
    std::abort();
  }
  return *ready;
}

}  // namespace

template <>
const Functions<float>& BackendFunctions<float>() {
  return Ready().single_precision;
}

template <>
const Functions<double>& BackendFunctions<double>() {
  return Ready().double_precision;
}

bool HasBackend() { return backend.load(std::memory_order_acquire) != nullptr; }

lavis4j_blas_status OpenBackend(const char* path) {
  if (path == nullptr) {
    return LAVIS4J_BLAS_BAD_ARGUMENT;
  }
  // Not closed after success: its functions are in use for as long as the process lives.
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return LAVIS4J_BLAS_NOT_LOADABLE;
  }
  if (backend.load(std::memory_order_relaxed) != nullptr) {
    dlclose(library);
    if (library != storage.library) {
      return LAVIS4J_BLAS_BAD_ARGUMENT;
    }
    storage.set_threads(1);
    released.store(false, std::memory_order_relaxed);
    return LAVIS4J_BLAS_OK;
  }
  GetThreads* get_threads = nullptr;
  if (!Find(library, "sgemm_", storage.single_precision.gemm) ||
      !Find(library, "sgemv_", storage.single_precision.gemv) ||
      !Find(library, "dgemm_", storage.double_precision.gemm) ||
      !Find(library, "dgemv_", storage.double_precision.gemv) ||
      !Find(library, "openblas_set_num_threads", storage.set_threads) ||
      !Find(library, "openblas_get_num_threads", get_threads)) {
    dlclose(library);
    return LAVIS4J_BLAS_NO_SYMBOL;
  }
  storage.library = library;
  storage.threads_before = get_threads();
  storage.set_threads(1);
  backend.store(&storage, std::memory_order_release);
  return LAVIS4J_BLAS_OK;
}

lavis4j_blas_status FollowLibtorch(const char* path) {
  if (path == nullptr) {
    return LAVIS4J_BLAS_BAD_ARGUMENT;
  }
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  if (library == nullptr) {
    return LAVIS4J_BLAS_NOT_LOADABLE;
  }
  GetThreads* get_threads = nullptr;
  if (!Find(library, "_ZN2at15get_num_threadsEv", get_threads)) {  // int at::get_num_threads()
    dlclose(library);
    return LAVIS4J_BLAS_NO_SYMBOL;
  }
  torch_threads.store(get_threads, std::memory_order_release);
  return LAVIS4J_BLAS_OK;
}

lavis4j_blas_status ReleaseBackend() {
  if (backend.load(std::memory_order_relaxed) == nullptr) {
    return LAVIS4J_BLAS_NOT_READY;
  }
  released.store(true, std::memory_order_relaxed);
  storage.set_threads(storage.threads_before);
  return LAVIS4J_BLAS_OK;
}

bool IsReleased() { return released.load(std::memory_order_relaxed); }

// The level counts regions with a team of one as well: a team below such a region would be made of
// new threads every time instead of those that libgomp keeps.
bool InParallelRegion() { return omp_get_level() > 0; }

int TeamSize() {
  if (InParallelRegion()) {
    return 1;
  }
  GetThreads* get_threads = torch_threads.load(std::memory_order_acquire);
  return std::max(1, get_threads != nullptr ? get_threads() : omp_get_max_threads());
}

}  // namespace lavis4j
