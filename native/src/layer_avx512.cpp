// Compiled for AVX-512 F: nothing here may run on processors without it.
#include "layer.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "layer_loops.h"

namespace lavis4j {
namespace {

struct Avx512 {
  using Lanes = __m512;
  static constexpr size_t kLanes = 16;
  // Without a mask GCC 12 warns of registers that are not set.
  static constexpr __mmask16 kAll = 0xFFFF;

  // A register for each power.
  struct Table {
    Lanes terms[kGeluTerms];

    explicit Table(const GeluTable& table) {
      for (size_t n = 0; n < kGeluTerms; n++) {
        terms[n] = _mm512_load_ps(table.terms[n]);
      }
    }

    Lanes Term(size_t n, Lanes step) const {
      return _mm512_maskz_permutexvar_ps(kAll, _mm512_castps_si512(step), terms[n]);
    }
  };

  static Lanes Set(float number) { return _mm512_set1_ps(number); }
  static Lanes Load(const float* from) { return _mm512_loadu_ps(from); }
  static void Store(float* to, Lanes a) { _mm512_storeu_ps(to, a); }

  static __mmask16 First(int count) { return static_cast<__mmask16>((1U << count) - 1); }

  static Lanes LoadFirst(const float* from, int count) {
    return _mm512_maskz_loadu_ps(First(count), from);
  }

  static void StoreFirst(float* to, int count, Lanes a) {
    _mm512_mask_storeu_ps(to, First(count), a);
  }

  // a times 2 to the power of the whole number in the last digits of n.
  static Lanes Scale(Lanes a, Lanes n) {
    const __m512i exponent = _mm512_maskz_slli_epi32(kAll, _mm512_castps_si512(n), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), exponent));
  }

  static Lanes Add(Lanes a, Lanes b) { return _mm512_add_ps(a, b); }
  static Lanes Subtract(Lanes a, Lanes b) { return _mm512_sub_ps(a, b); }
  static Lanes Divide(Lanes a, Lanes b) { return _mm512_div_ps(a, b); }
  static Lanes MultiplyAdd(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }
  static Lanes SubtractProduct(Lanes a, Lanes b, Lanes c) { return _mm512_fnmadd_ps(b, c, a); }
  static Lanes Max(Lanes a, Lanes b) { return _mm512_maskz_max_ps(kAll, a, b); }
  static Lanes Min(Lanes a, Lanes b) { return _mm512_maskz_min_ps(kAll, a, b); }

  static Lanes Abs(Lanes a) {
    return _mm512_castsi512_ps(
        _mm512_and_si512(_mm512_castps_si512(a), _mm512_set1_epi32(0x7FFFFFFF)));
  }
};

}  // namespace

const LayerKernel kAvx512Layer = LayerLoops<Avx512>::Kernel();

}  // namespace lavis4j
#endif
