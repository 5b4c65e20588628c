// Takes and frees memory as libtorch's library for it does.
#include <cstdlib>

extern "C" {

void* plain_take(size_t alignment, size_t bytes) {
  void* block = nullptr;
  return posix_memalign(&block, alignment, bytes) == 0 ? block : nullptr;
}

void plain_free(void* block) { std::free(block); }

}  // extern "C"
