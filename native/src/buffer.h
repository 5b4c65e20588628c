// Memory that a thread keeps from one image to the next.
#ifndef LAVIS4J_SRC_BUFFER_H_
#define LAVIS4J_SRC_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace lavis4j {

// An array that grows, and forgets what it holds when it does.
template <typename T>
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }

  // Makes room for count elements; new memory is zero. False where there is no memory.
  bool Reserve(size_t count) {
    if (count <= capacity_) {
      return true;
    }
    std::free(data_);
    data_ = static_cast<T*>(std::calloc(count, sizeof(T)));
    capacity_ = data_ == nullptr ? 0 : count;
    return data_ != nullptr;
  }

  void Swap(Buffer* other) {
    std::swap(data_, other->data_);
    std::swap(capacity_, other->capacity_);
  }

  size_t size() const { return capacity_; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_BUFFER_H_
