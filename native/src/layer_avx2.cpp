// Compiled for AVX2 and FMA: nothing here may run on processors without them.
#include "layer.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "layer_loops.h"

namespace lavis4j {
namespace {

struct Avx2 {
  using Lanes = __m256;
  static constexpr size_t kLanes = 8;

  // Two registers for each power: steps below 8, and the others.
  struct Table {
    Lanes low[kGeluTerms];
    Lanes high[kGeluTerms];

    explicit Table(const GeluTable& table) {
      for (size_t n = 0; n < kGeluTerms; n++) {
        low[n] = _mm256_load_ps(table.terms[n]);
        high[n] = _mm256_load_ps(table.terms[n] + kLanes);
      }
    }

    Lanes Term(size_t n, Lanes step) const {
      const __m256i lane = _mm256_castps_si256(step);
      const Lanes is_high = _mm256_castsi256_ps(_mm256_slli_epi32(lane, 28));  // in the sign
      return _mm256_blendv_ps(_mm256_permutevar8x32_ps(low[n], lane),
                              _mm256_permutevar8x32_ps(high[n], lane), is_high);
    }
  };

  static Lanes Set(float number) { return _mm256_set1_ps(number); }
  static Lanes Load(const float* from) { return _mm256_loadu_ps(from); }
  static void Store(float* to, Lanes a) { _mm256_storeu_ps(to, a); }

  static __m256i First(int count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }

  static Lanes LoadFirst(const float* from, int count) {
    return _mm256_maskload_ps(from, First(count));
  }

  static void StoreFirst(float* to, int count, Lanes a) {
    _mm256_maskstore_ps(to, First(count), a);
  }

  // a times 2 to the power of the whole number in the last digits of n.
  static Lanes Scale(Lanes a, Lanes n) {
    const __m256i exponent = _mm256_slli_epi32(_mm256_castps_si256(n), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), exponent));
  }

  static Lanes Add(Lanes a, Lanes b) { return _mm256_add_ps(a, b); }
  static Lanes Subtract(Lanes a, Lanes b) { return _mm256_sub_ps(a, b); }
  static Lanes Divide(Lanes a, Lanes b) { return _mm256_div_ps(a, b); }
  static Lanes MultiplyAdd(Lanes a, Lanes b, Lanes c) { return _mm256_fmadd_ps(a, b, c); }
  static Lanes SubtractProduct(Lanes a, Lanes b, Lanes c) { return _mm256_fnmadd_ps(b, c, a); }
  static Lanes Abs(Lanes a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), a); }
  static Lanes Max(Lanes a, Lanes b) { return _mm256_max_ps(a, b); }
  static Lanes Min(Lanes a, Lanes b) { return _mm256_min_ps(a, b); }
};

}  // namespace

const LayerKernel kAvx2Layer = LayerLoops<Avx2>::Kernel();

}  // namespace lavis4j
#endif
