#include "dots.h"

#include <new>

#include "tiles.h"

namespace lavis4j {

namespace {

constexpr std::align_val_t kAlignment{64};

#if defined(__x86_64__)
// Weights of fewer numbers than this stay in a core's second cache, from which they are read faster
// than AMX splits them.
constexpr size_t kMostCached = size_t{1} << 19;
#endif

}  // namespace

PackedRows::PackedRows(const DotsKernel& kernel, const Rows& x)
    : kernel_(kernel), x_(x), data_(operator new[](kernel.packed_bytes(x), kAlignment)) {}

PackedRows::~PackedRows() { operator delete[](data_, kAlignment); }

#if defined(__x86_64__)
const DotsKernel* BestDots(size_t outputs, size_t depth) {
  static const bool kHasTiles = HasTiles();
  if (kHasTiles && outputs * depth >= kMostCached) {
    return &kAmxDots;
  }
  if (__builtin_cpu_supports("avx512f")) {
    return &kAvx512Dots;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return &kAvx2Dots;
  }
  return nullptr;
}
#else
const DotsKernel* BestDots(size_t /*outputs*/, size_t /*depth*/) { return nullptr; }
#endif

}  // namespace lavis4j
