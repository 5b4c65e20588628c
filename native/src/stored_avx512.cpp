// Compiled for AVX-512 F: nothing here may run on processors without it.
#include "stored.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <type_traits>

#include "stored_loops.h"
#include "sums_avx512.h"

namespace lavis4j {
namespace {

struct Avx512 {
  using Lanes = __m512;
  static constexpr size_t kLanes = 16;
  static constexpr size_t kTileRows = 6;  // of the 32 registers, 24 are sums
  template <typename W>
  static constexpr bool kPairs = std::is_same_v<W, uint16_t>;
  // GCC 12 takes what is not masked for uninitialised; such a mask costs nothing.
  static constexpr __mmask16 kAll = 0xffff;

  static void Prefetch(const char* from) { _mm_prefetch(from, _MM_HINT_T1); }

  static Lanes Load(const float* from) { return _mm512_loadu_ps(from); }

  static Lanes Load(const int8_t* from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return _mm512_maskz_cvtepi32_ps(kAll, _mm512_maskz_cvtepi8_epi32(kAll, bytes));
  }

  // The first or the second of each pair.
  static Lanes LoadOfPairs(const uint16_t* from, size_t second) {
    const __m512i pairs = _mm512_loadu_si512(from);
    return _mm512_castsi512_ps(second == 0
                                   ? _mm512_maskz_slli_epi32(kAll, pairs, 16)
                                   : _mm512_and_si512(pairs, _mm512_set1_epi32(-0x10000)));
  }

  // The first numbers of 16 pairs, and the second.
  static void Separate(const float* pairs, float* first, float* second) {
    const __m512i even =
        _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
    const __m512 low = _mm512_loadu_ps(pairs);
    const __m512 high = _mm512_loadu_ps(pairs + kLanes);
    _mm512_storeu_ps(first, _mm512_permutex2var_ps(low, even, high));
    _mm512_storeu_ps(second, _mm512_permutex2var_ps(low, odd, high));
  }

  static void Store(Lanes lanes, float* to) { _mm512_storeu_ps(to, lanes); }

  static Lanes MultiplyAdd(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }

  static void Sum4(Lanes a, Lanes b, Lanes c, Lanes d, float* to) {
    _mm_storeu_ps(to, lavis4j::Sum4(a, b, c, d));
  }
};

using Loops = StoredLoops<Avx512>;

}  // namespace

const StoredKernel<uint16_t> kAvx512Bf16 = Loops::Kernel<uint16_t>();
const StoredKernel<int8_t> kAvx512Int8 = Loops::Kernel<int8_t>();

}  // namespace lavis4j
#endif
