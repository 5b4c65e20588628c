#include "dots.h"

#include <new>

#include "tiles.h"

namespace lavis4j {

namespace {

constexpr std::align_val_t kAlignment{64};

#if defined(__x86_64__)
// Of fewer numbers than this, splitting rows for AMX takes longer than the product.
constexpr size_t kDeepForTiles = 256;
#endif

}  // namespace

PackedRows::PackedRows(const DotsKernel& kernel, const Rows& x)
    : kernel_(kernel), x_(x), data_(operator new[](kernel.packed_bytes(x), kAlignment)) {}

PackedRows::~PackedRows() { operator delete[](data_, kAlignment); }

#if defined(__x86_64__)
const DotsKernel* BestDots(size_t depth) {
  static const bool kHasTiles = HasTiles();
  if (kHasTiles && depth >= kDeepForTiles) {
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
const DotsKernel* BestDots(size_t /*depth*/) { return nullptr; }
#endif

}  // namespace lavis4j
