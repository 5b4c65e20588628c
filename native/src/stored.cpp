#include "stored.h"

#include <omp.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "stored_loops.h"

namespace lavis4j {
namespace {

// Multiply-adds that each thread of a team must have: 0.1 ms of them, as long as it takes to wake
// one that sleeps.
constexpr double kWorkPerThread = 2e6;

constexpr std::align_val_t kAlignment{kStoredLine * sizeof(float)};

// For any processor: a line is an array, which the compiler makes vectors of.
struct Plain {
  struct Lanes {
    float values[4];
  };
  static constexpr size_t kLanes = 4;
  static constexpr size_t kTileRows = 2;
  template <typename W>
  static constexpr bool kPairs = false;

  static void Prefetch(const char* from) { __builtin_prefetch(from, 0, 2); }

  template <typename W, typename Widen>
  static Lanes Each(const W* from, Widen widen) {
    return {{widen(from[0]), widen(from[1]), widen(from[2]), widen(from[3])}};
  }

  static Lanes Load(const float* from) {
    return Each(from, [](float value) { return value; });
  }

  static Lanes Load(const int8_t* from) {
    return Each(from, [](int8_t value) { return static_cast<float>(value); });
  }

  static Lanes Load(const uint16_t* from) {
    return Each(from, [](uint16_t value) {
      const uint32_t bits = static_cast<uint32_t>(value) << 16U;
      float widened;
      std::memcpy(&widened, &bits, sizeof(widened));
      return widened;
    });
  }

  static void Store(Lanes lanes, float* to) { std::copy_n(lanes.values, kLanes, to); }

  static Lanes MultiplyAdd(Lanes a, Lanes b, Lanes c) {
    for (size_t i = 0; i < kLanes; i++) {
      c.values[i] += a.values[i] * b.values[i];
    }
    return c;
  }

  static float Sum(Lanes a) { return (a.values[0] + a.values[1]) + (a.values[2] + a.values[3]); }

  static void Sum4(Lanes a, Lanes b, Lanes c, Lanes d, float* to) {
    to[0] = Sum(a);
    to[1] = Sum(b);
    to[2] = Sum(c);
    to[3] = Sum(d);
  }
};

using PlainLoops = StoredLoops<Plain>;

#if defined(__x86_64__)
bool HasAvx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool HasAvx512() { return __builtin_cpu_supports("avx512f"); }

bool HasVnni() {
  return HasAvx512() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni");
}

const StoredKernel<uint16_t>& Best(const uint16_t* /*weights*/) {
  return HasAvx512() ? kAvx512Bf16 : HasAvx2() ? kAvx2Bf16 : kPlainBf16;
}

const StoredKernel<int8_t>& Best(const int8_t* /*weights*/) {
  return HasVnni() ? kVnniInt8 : HasAvx512() ? kAvx512Int8 : HasAvx2() ? kAvx2Int8 : kPlainInt8;
}
#else
const StoredKernel<uint16_t>& Best(const uint16_t* /*weights*/) { return kPlainBf16; }

const StoredKernel<int8_t>& Best(const int8_t* /*weights*/) { return kPlainInt8; }
#endif

int Threads(const lavis4j_stored_product& p) {
  const double work =
      static_cast<double>(p.rows) * static_cast<double>(p.outputs) * static_cast<double>(p.depth);
  return std::clamp(static_cast<int>(std::min(work / kWorkPerThread, 1e6)), 1, p.threads);
}

template <typename W>
void Multiply(const W* weights, const lavis4j_stored_product& product) {
  static const StoredKernel<W>& kernel = Best(weights);
  const auto outputs = static_cast<size_t>(product.outputs);
  auto* packed = static_cast<float*>(operator new[](kernel.packed_bytes(product), kAlignment));
  kernel.pack(product, packed);  // shared work would cost the threads a barrier
#pragma omp parallel num_threads(Threads(product))
  {
    const auto team = static_cast<size_t>(omp_get_num_threads());  // perhaps fewer than asked for
    const auto index = static_cast<size_t>(omp_get_thread_num());
    const size_t first = outputs * index / team;
    kernel.run(weights, {product, packed, first, outputs * (index + 1) / team - first});
  }
  operator delete[](packed, kAlignment);
}

}  // namespace

const StoredKernel<uint16_t> kPlainBf16 = PlainLoops::Kernel<uint16_t>();
const StoredKernel<int8_t> kPlainInt8 = PlainLoops::Kernel<int8_t>();

}  // namespace lavis4j

extern "C" {

void lavis4j_stored_bf16(const uint16_t* weights, const lavis4j_stored_product* product) {
  lavis4j::Multiply(weights, *product);
}

void lavis4j_stored_int8(const int8_t* weights, const lavis4j_stored_product* product) {
  lavis4j::Multiply(weights, *product);
}

}  // extern "C"
