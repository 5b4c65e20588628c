// Memory in which blocks lie side by side.
#ifndef LAVIS4J_REGION_H_
#define LAVIS4J_REGION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace lavis4j {

// One range of addresses, of which pages are used from its begin on. A block takes the smallest gap
// that holds it, the first of several, and lengthens the used part where there is none. For each step
// that takes more from the system, the C library gives back the pages that it keeps free. May be used
// by several threads.
class Region {
 public:
  // Reserves addresses; pages are taken as blocks come to lie on them.
  explicit Region(size_t bytes);
  ~Region();

  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  // Whether the system gave the addresses.
  bool IsReserved() const { return begin_ != 0; }

  // A block at a multiple of 64; null where the region or the system has no room.
  void* Take(size_t bytes);

  // Whether a pointer is into the region.
  bool Has(const void* pointer) const {
    const auto at = reinterpret_cast<uintptr_t>(pointer);
    return begin_ <= at && at < limit_;
  }

  // Gives back what Take gave. The used part gets shorter when its end is free; pages behind it are
  // the system's again when they are more than kSpare.
  void Give(void* block);

  // Bytes of the used part, gaps included.
  size_t Used();

  static constexpr size_t kSpare = size_t{1} << 30;

 private:
  struct Block {
    size_t bytes;
    bool taken;
  };
  using Blocks = std::map<uintptr_t, Block>;

  uintptr_t Lengthened(size_t bytes);
  void Join(Blocks::iterator block);
  void Shorten();

  uintptr_t begin_ = 0;
  uintptr_t limit_ = 0;  // end of the addresses
  uintptr_t end_ = 0;    // of the used part
  uintptr_t open_ = 0;   // end of what may be written
  uintptr_t dirty_ = 0;  // no page from here on was written
  Blocks blocks_;        // the used part, block after block
  std::set<std::pair<size_t, uintptr_t>> gaps_;
  std::mutex mutex_;
};

}  // namespace lavis4j

#endif  // LAVIS4J_REGION_H_
