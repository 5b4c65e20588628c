#include "layer.h"

#include <cmath>
#include <cstring>

#include "layer_loops.h"

namespace lavis4j {
namespace {

// Taylor's series of Phi(-a), whose derivatives are Hermite's polynomials times the density. The
// seventh term is divided among others instead of computed, as Chebyshev's polynomial of its degree
// is nearly 0 up to half a step away.
GeluTable MakeTable() {
  GeluTable table = {};
  constexpr double kHalf = static_cast<double>(kGeluStep) / 2;
  for (size_t step = 0; step + 1 < kGeluSteps; step++) {
    const double a = static_cast<double>(kGeluStep) * static_cast<double>(step);
    double terms[kGeluTerms + 1] = {std::erfc(a * std::sqrt(0.5)) / 2,
                                    -std::exp(-a * a / 2) / std::sqrt(2 * std::acos(-1.0))};
    for (size_t n = 1; n < kGeluTerms; n++) {  // He_n = a He_(n-1) - (n - 1) He_(n-2)
      const auto count = static_cast<double>(n);
      terms[n + 1] = -(a * terms[n] + terms[n - 1] * (count - 1) / count) / (count + 1);
    }
    const double last = terms[kGeluTerms];
    terms[4] += last * 1.5 * kHalf * kHalf;
    terms[2] -= last * 9 / 16 * std::pow(kHalf, 4);
    terms[0] += last / 32 * std::pow(kHalf, 6);
    for (size_t n = 0; n < kGeluTerms; n++) {
      table.terms[n][step] = static_cast<float>(terms[n]);
    }
  }
  return table;
}

// One number, for processors without either.
struct Plain {
  using Lanes = float;
  static constexpr size_t kLanes = 1;

  static uint32_t Bits(float a) {
    uint32_t bits = 0;
    std::memcpy(&bits, &a, sizeof(bits));
    return bits;
  }

  struct Table {
    const GeluTable& table;

    explicit Table(const GeluTable& all) : table(all) {}

    float Term(size_t n, float step) const {
      return table.terms[n][Bits(step) % kGeluSteps];
    }
  };

  static float Set(float number) { return number; }
  static float Load(const float* from) { return *from; }
  static void Store(float* to, float a) { *to = a; }
  static float LoadFirst(const float* from, int /*count*/) { return *from; }
  static void StoreFirst(float* to, int /*count*/, float a) { *to = a; }

  static float Scale(float a, float n) {
    const uint32_t bits = Bits(a) + (Bits(n) << 23);
    std::memcpy(&a, &bits, sizeof(bits));
    return a;
  }

  static float Add(float a, float b) { return a + b; }
  static float Subtract(float a, float b) { return a - b; }
  static float Divide(float a, float b) { return a / b; }
  static float MultiplyAdd(float a, float b, float c) { return std::fma(a, b, c); }
  static float SubtractProduct(float a, float b, float c) { return std::fma(-b, c, a); }
  static float Abs(float a) { return std::abs(a); }
  static float Max(float a, float b) { return a > b ? a : b; }
  static float Min(float a, float b) { return a < b ? a : b; }
};

}  // namespace

const GeluTable& Gelu() {
  static const GeluTable table = MakeTable();
  return table;
}

const LayerKernel kPlainLayer = LayerLoops<Plain>::Kernel();

const LayerKernel& BestLayer() {
#if defined(__x86_64__)
  static const LayerKernel* const best =
      __builtin_cpu_supports("avx512f")                                     ? &kAvx512Layer
      : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kAvx2Layer
                                                                            : &kPlainLayer;
  return *best;
#else
  return kPlainLayer;
#endif
}

}  // namespace lavis4j
