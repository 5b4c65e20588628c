#include "kernels.h"

#include <cstring>

#include "kernel_loops.h"

namespace lavis4j {
namespace {

// Plain C++, of which the compiler makes what every processor of the platform can do.
struct Plain {
  struct Bytes {
    uint8_t lane[kBlock];
  };
  struct Sum {
    int32_t lane[kLanes];
  };

  static Bytes Load(const uint8_t* from) {
    Bytes bytes;
    std::memcpy(bytes.lane, from, kBlock);
    return bytes;
  }

  static void Store(const Bytes& bytes, uint8_t* to) { std::memcpy(to, bytes.lane, kBlock); }

  static Bytes Low(const Bytes& a, const Bytes& b) { return Mix(a.lane, b.lane); }

  static Bytes High(const Bytes& a, const Bytes& b) {
    return Mix(a.lane + kBlock / 2, b.lane + kBlock / 2);
  }

  static Sum Start() {
    Sum sum;
    for (int32_t& lane : sum.lane) {
      lane = kHalf;
    }
    return sum;
  }

  static void Add(const uint8_t* levels, int32_t weight, Sum& sum) {
    for (size_t i = 0; i < kLanes; i++) {
      sum.lane[i] += levels[i] * weight;
    }
  }

  static void Round(const Sum& sum, uint8_t* to) {
    for (size_t i = 0; i < kLanes; i++) {
      const int32_t level = sum.lane[i] >> kPrecisionBits;
      to[i] = static_cast<uint8_t>(level < 0 ? 0 : level > 255 ? 255 : level);
    }
  }

 private:
  static Bytes Mix(const uint8_t* a, const uint8_t* b) {
    Bytes mixed;
    for (size_t i = 0; i < kBlock / 2; i++) {
      mixed.lane[2 * i] = a[i];
      mixed.lane[2 * i + 1] = b[i];
    }
    return mixed;
  }
};

}  // namespace

const Kernels kPortableKernels{Horizontal<Plain>, Vertical<Plain>};

const Kernels& BestKernels() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    return kAvx2Kernels;
  }
#endif
  return kPortableKernels;
}

}  // namespace lavis4j
