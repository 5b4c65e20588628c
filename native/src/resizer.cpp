#include "resizer.h"

#include <algorithm>
#include <cstring>

namespace lavis4j {
namespace {

constexpr int kBandRows = static_cast<int>(kBand);

}  // namespace

bool Resizer::Begin(const Axis& columns, const Axis& rows, const lavis4j_image_plan& plan,
                    RowSink& sink) {
  const lavis4j_image_box& window = plan.window;
  if (!columns_.Make(columns, plan.width, window.left, window.width) ||
      !rows_.Make(rows, plan.height, window.top, window.height)) {
    return false;
  }
  sink_ = &sink;
  part_ = {columns_.first(), rows_.first(), columns_.last() - columns_.first(),
           rows_.last() - rows_.first()};
  vertical_first_ = static_cast<int64_t>(rows.pixels) - plan.height >
                    2 * std::max<int64_t>(0, static_cast<int64_t>(columns.pixels) - plan.width);
  in_length_ = 3 * static_cast<size_t>(part_.width);
  out_length_ = 3 * static_cast<size_t>(window.width);
  input_stride_ = Padded(in_length_);
  next_in_ = part_.top;
  next_out_ = 0;
  ring_.stride = Padded(vertical_first_ ? in_length_ : out_length_);
  ring_.capacity = rows_.longest() + kBandRows;
  return input_.Reserve(kBand * input_stride_) &&
         ring_.bytes.Reserve(static_cast<size_t>(ring_.capacity) * ring_.stride) &&
         tap_rows_.Reserve(static_cast<size_t>(rows_.longest())) &&
         band_.Reserve(kBand * input_stride_) && result_.Reserve(kBand * Padded(out_length_)) &&
         scratch_.Reserve(kBand * (input_stride_ + Padded(out_length_)));
}

int Resizer::Wanted() const {
  return next_out_ == rows_.count() ? 0 : std::min(kBandRows, rows_.last() - next_in_);
}

void Resizer::Push() {
  const int count = Wanted();
  if (vertical_first_) {
    for (int i = 0; i < count; i++) {
      std::memcpy(ring_.Row(next_in_ + i), Row(static_cast<size_t>(i)), in_length_);
    }
  } else {
    // A band is always whole: rows after the last one repeat it, and their results are
    // overwritten.
    const uint8_t* in[kBand];
    uint8_t* out[kBand];
    for (int i = 0; i < kBandRows; i++) {
      in[i] = Row(static_cast<size_t>(std::min(i, count - 1)));
      out[i] = i < count ? ring_.Row(next_in_ + i) : result_.data();
    }
    Horizontal(in, out);
  }
  next_in_ += count;
  FinishRows();
}

void Resizer::Horizontal(const uint8_t* const* in, uint8_t* const* out) {
  Band band{};
  std::copy(in, in + kBand, band.in);
  std::copy(out, out + kBand, band.out);
  band.in_length = in_length_;
  band.first = part_.left;
  band.out_length = out_length_;
  band.columns = scratch_.data();
  band.narrow = scratch_.data() + kBand * input_stride_;
  kernels_.horizontal(band, columns_.view());
}

// Makes every row of the result whose rows have all arrived.
void Resizer::FinishRows() {
  const size_t length = vertical_first_ ? in_length_ : out_length_;
  int waiting = 0;
  for (; next_out_ < rows_.count() && rows_.end(next_out_) <= next_in_; next_out_++) {
    const int count = rows_.length(next_out_);
    for (int k = 0; k < count; k++) {
      tap_rows_[static_cast<size_t>(k)] = ring_.Row(rows_.start(next_out_) + k);
    }
    uint8_t* out = vertical_first_ ? band_.data() + static_cast<size_t>(waiting) * input_stride_
                                   : result_.data();
    kernels_.vertical(tap_rows_.data(), rows_.weights(next_out_), count, length, out);
    if (!vertical_first_) {
      sink_->Take(out);
    } else if (++waiting == kBandRows) {
      FlushBand(waiting);
      waiting = 0;
    }
  }
  if (waiting > 0) {
    FlushBand(waiting);
  }
}

void Resizer::FlushBand(int count) {
  const uint8_t* in[kBand];
  uint8_t* out[kBand];
  for (int i = 0; i < kBandRows; i++) {
    in[i] = band_.data() + static_cast<size_t>(std::min(i, count - 1)) * input_stride_;
    out[i] = result_.data() + static_cast<size_t>(i) * Padded(out_length_);
  }
  Horizontal(in, out);
  for (int i = 0; i < count; i++) {
    sink_->Take(out[i]);
  }
}

}  // namespace lavis4j
