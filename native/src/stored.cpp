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

  static float Sum(Lanes a) {
    return (a.values[0] + a.values[1]) + (a.values[2] + a.values[3]);
  }

  static void Sum4(Lanes a, Lanes b, Lanes c, Lanes d, float* to) {
    to[0] = Sum(a);
    to[1] = Sum(b);
    to[2] = Sum(c);
    to[3] = Sum(d);
  }
};

using PlainLoops = StoredLoops<Plain>;

const StoredKernel& Best() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    return kAvx512Stored;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return kAvx2Stored;
  }
#endif
  return kPlainStored;
}

int Threads(const lavis4j_stored_product& p) {
  const double work = static_cast<double>(p.rows) * static_cast<double>(p.outputs) *
                      static_cast<double>(p.depth);
  return std::clamp(static_cast<int>(std::min(work / kWorkPerThread, 1e6)), 1, p.threads);
}

template <typename W>
void Multiply(const W* weights, const lavis4j_stored_product& product) {
  static const StoredKernel& kernel = Best();
  const auto outputs = static_cast<size_t>(product.outputs);
  const size_t lines = StoredLines(static_cast<size_t>(product.depth));
  auto* packed = new (kAlignment) float[static_cast<size_t>(product.rows) * lines * kStoredLine];
  PackStored(product, kernel.tile_rows, packed);  // shared work would cost the threads a barrier
#pragma omp parallel num_threads(Threads(product))
  {
    const auto team = static_cast<size_t>(omp_get_num_threads());  // perhaps fewer than asked for
    const auto index = static_cast<size_t>(omp_get_thread_num());
    const size_t first = outputs * index / team;
    kernel.Run(weights, {product, packed, first, outputs * (index + 1) / team - first});
  }
  operator delete[](packed, kAlignment);
}

}  // namespace

const StoredKernel kPlainStored{Plain::kTileRows, PlainLoops::Run<uint16_t>,
                                PlainLoops::Run<int8_t>};

void PackStored(const lavis4j_stored_product& product, size_t tile_rows, float* packed) {
  const auto rows = static_cast<size_t>(product.rows);
  const auto depth = static_cast<size_t>(product.depth);
  const size_t tiles = (rows + tile_rows - 1) / tile_rows;
  for (size_t tile = 0; tile < tiles; tile++) {
    const size_t end = rows * (tile + 1) / tiles;
    for (size_t k = 0; k < depth; k += kStoredLine) {
      const size_t count = std::min(kStoredLine, depth - k);
      for (size_t row = rows * tile / tiles; row < end; row++) {
        std::copy_n(product.x + row * depth + k, count, packed);
        std::fill(packed + count, packed + kStoredLine, 0.0F);
        packed += kStoredLine;
      }
    }
  }
}

}  // namespace lavis4j

extern "C" {

void lavis4j_stored_bf16(const uint16_t* weights, const lavis4j_stored_product* product) {
  lavis4j::Multiply(weights, *product);
}

void lavis4j_stored_int8(const int8_t* weights, const lavis4j_stored_product* product) {
  lavis4j::Multiply(weights, *product);
}

}  // extern "C"
