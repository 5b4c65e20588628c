#include "kernels.h"

#include <cstring>

#include "kernel_loops.h"

namespace lavis4j {
namespace {

// Vectors of 16 bytes as GCC and Clang know them, which every processor of today has. Widening
// counts on the first byte of a number being its lowest.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "levels are widened byte by byte");

struct Portable {
  using Bytes = uint8_t __attribute__((vector_size(16)));
  using Words = uint16_t __attribute__((vector_size(16)));
  using Longs = uint64_t __attribute__((vector_size(16)));
  using Ints = int32_t __attribute__((vector_size(16)));
  struct Sum {
    Ints low;
    Ints high;
  };

  static Bytes Load(const uint8_t* from) {
    Bytes bytes;
    std::memcpy(&bytes, from, sizeof(bytes));
    return bytes;
  }

  static void Store(const Bytes& bytes, uint8_t* to) { std::memcpy(to, &bytes, sizeof(bytes)); }

  static Bytes Low(const Bytes& a, const Bytes& b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  }

  static Bytes High(const Bytes& a, const Bytes& b) {
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                   31);
  }

  static Sum Start() { return {Ints{} + kHalf, Ints{} + kHalf}; }

  static void Add(const uint8_t* levels, int32_t weight, Sum& sum) {
    uint64_t eight;
    std::memcpy(&eight, levels, sizeof(eight));
    const auto bytes = reinterpret_cast<Bytes>(Longs{eight, 0});
    const auto words = reinterpret_cast<Words>(Low(bytes, Bytes{}));
    sum.low +=
        reinterpret_cast<Ints>(__builtin_shufflevector(words, Words{}, 0, 8, 1, 9, 2, 10, 3, 11)) *
        weight;
    sum.high += reinterpret_cast<Ints>(
                    __builtin_shufflevector(words, Words{}, 4, 12, 5, 13, 6, 14, 7, 15)) *
                weight;
  }

  static void Round(const Sum& sum, uint8_t* to) {
    for (size_t i = 0; i < kLanes; i++) {
      const int32_t lane = i < 4 ? sum.low[i] : sum.high[i - 4];
      const int32_t level = lane >> kPrecisionBits;
      to[i] = static_cast<uint8_t>(level < 0 ? 0 : level > 255 ? 255 : level);
    }
  }
};

}  // namespace

const Kernels kPortableKernels{Horizontal<Portable>, Vertical<Portable>};

const Kernels& BestKernels() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    return kAvx2Kernels;
  }
#endif
  return kPortableKernels;
}

}  // namespace lavis4j
