// The segments of a JPEG file before its pixels.
#ifndef LAVIS4J_SRC_JPEG_SEGMENTS_H_
#define LAVIS4J_SRC_JPEG_SEGMENTS_H_

#include "decoder.h"

namespace lavis4j {

// Goes through the segments up to the first scan and refuses what Pillow refuses before libjpeg
// sees the file: segments that are cut off or too short for what they begin, samples of other than
// 8 bits, and other numbers of components than 1, 3 and 4. Notes of cameras are not read, nor are
// Pillow's errors in them. False, with a message of LAVIS4J_IMAGE_MESSAGE_SIZE, if it refuses.
bool CheckJpegSegments(const Bytes& file, char* message);

// Whether a marker begins a header of pixels, of whatever coding.
bool IsJpegFrame(uint8_t marker);

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_JPEG_SEGMENTS_H_
