// Threefry4x32 for several counters side by side.
#ifndef LAVIS4J_THREEFRY_H_
#define LAVIS4J_THREEFRY_H_

#include <cstdint>

namespace lavis4j {

constexpr int kLanes = 16;  // counters
constexpr int kWords = 4;   // numbers of a counter
constexpr int kGroup = kLanes * kWords;

// Of GCC, which computes with as many instructions as the processor needs.
using Lanes = uint32_t __attribute__((vector_size(kLanes * sizeof(uint32_t))));

__attribute__((always_inline)) inline void Mix(Lanes& sum, Lanes& turned, int bits) {
  sum += turned;
  turned = (turned << bits | turned >> (32 - bits)) ^ sum;
}

// On entry words are the counters, on return the random numbers. From 12 rounds on the authors
// found no test that it fails; these are 13.
__attribute__((always_inline)) inline void Threefry(const uint32_t key[kWords],
                                                    Lanes words[kWords]) {
  constexpr int kRounds = 13;
  constexpr int kTurns[8][2] = {{10, 26}, {11, 21}, {13, 27}, {23, 5},
                                {6, 20},  {17, 11}, {25, 10}, {18, 20}};
  constexpr int kKeys = kWords + 1;
  constexpr uint32_t kParity = 0x1BD11BDA;
  const uint32_t keys[kKeys] = {key[0], key[1], key[2], key[3],
                                kParity ^ key[0] ^ key[1] ^ key[2] ^ key[3]};
  for (int word = 0; word < kWords; ++word) {
    words[word] += keys[word];
  }
#pragma GCC unroll 16
  for (int round = 0; round < kRounds; ++round) {
    const int first = round % 2 == 0 ? 1 : 3;
    Mix(words[0], words[first], kTurns[round % 8][0]);
    Mix(words[2], words[4 - first], kTurns[round % 8][1]);
    if ((round + 1) % 4 == 0) {
      const int injected = (round + 1) / 4;
      for (int word = 0; word < kWords; ++word) {
        words[word] += keys[(injected + word) % kKeys];
      }
      words[kWords - 1] += static_cast<uint32_t>(injected);
    }
  }
}

}  // namespace lavis4j

#endif  // LAVIS4J_THREEFRY_H_
