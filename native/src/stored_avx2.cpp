// Compiled for AVX2 and FMA: nothing here may run on processors without them.
#include "stored.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <type_traits>

#include "stored_loops.h"

namespace lavis4j {
namespace {

struct Avx2 {
  using Lanes = __m256;
  static constexpr size_t kLanes = 8;
  static constexpr size_t kTileRows = 2;  // of the 16 registers, 8 are sums
  template <typename W>
  static constexpr bool kPairs = std::is_same_v<W, uint16_t>;

  static void Prefetch(const char* from) { _mm_prefetch(from, _MM_HINT_T1); }

  static Lanes Load(const float* from) { return _mm256_loadu_ps(from); }

  static Lanes Load(const int8_t* from) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
  }

  // The first or the second of each pair.
  static Lanes LoadOfPairs(const uint16_t* from, size_t second) {
    const __m256i pairs = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return _mm256_castsi256_ps(second == 0
                                   ? _mm256_slli_epi32(pairs, 16)
                                   : _mm256_and_si256(pairs, _mm256_set1_epi32(-0x10000)));
  }

  // The first numbers of 8 pairs, and the second.
  static void Separate(const float* pairs, float* first, float* second) {
    const __m256i even = _mm256_set_epi32(7, 5, 3, 1, 6, 4, 2, 0);
    const __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(pairs), even);
    const __m256 high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(pairs + kLanes), even);
    _mm256_storeu_ps(first, _mm256_permute2f128_ps(low, high, 0x20));
    _mm256_storeu_ps(second, _mm256_permute2f128_ps(low, high, 0x31));
  }

  static void Store(Lanes lanes, float* to) { _mm256_storeu_ps(to, lanes); }

  static Lanes MultiplyAdd(Lanes a, Lanes b, Lanes c) { return _mm256_fmadd_ps(a, b, c); }

  static void Sum4(Lanes a, Lanes b, Lanes c, Lanes d, float* to) {
    const __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
    _mm_storeu_ps(to, _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1)));
  }
};

using Loops = StoredLoops<Avx2>;

}  // namespace

const StoredKernel<uint16_t> kAvx2Bf16 = Loops::Kernel<uint16_t>();
const StoredKernel<int8_t> kAvx2Int8 = Loops::Kernel<int8_t>();

}  // namespace lavis4j
#endif
