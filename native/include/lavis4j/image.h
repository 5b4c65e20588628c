/* From an image file to its place in a batch, in one pass over its rows: decode, draw regions,
 * crop, resize, mirror, scale; between the last two, all rows may be augmented.
 *
 * Unless a plan is fast, everything equals, bit for bit, what
 * io.lavis4j.processor.JavaImagePipeline computes, and so what Pillow does. The caller owns every
 * buffer; nothing is kept after a call but memory of the calling thread for its next one. Calls may
 * come from any number of threads at once. */
#ifndef LAVIS4J_IMAGE_H_
#define LAVIS4J_IMAGE_H_

#include <stdint.h>

#if defined(__GNUC__)
#define LAVIS4J_EXPORT __attribute__((visibility("default")))
#else
#define LAVIS4J_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t lavis4j_image_status;

#define LAVIS4J_IMAGE_OK 0
#define LAVIS4J_IMAGE_UNKNOWN 1      /* neither JPEG, PNG nor WebP */
#define LAVIS4J_IMAGE_BROKEN 2       /* cut off, damaged or too large; the message says what */
#define LAVIS4J_IMAGE_NO_MEMORY 3    /* malloc refuses */
#define LAVIS4J_IMAGE_BAD_ARGUMENT 4 /* a null pointer, or a part outside of its whole */

#define LAVIS4J_IMAGE_MAX_PIXELS 178956970 /* of an image that is read; Pillow's limit */
#define LAVIS4J_IMAGE_MESSAGE_SIZE 256
#define LAVIS4J_IMAGE_TABLE_SIZE 768

/* The reason why a file cannot be read, in English, ended by a zero; empty where the status says it
 * all. */
typedef struct {
  char text[LAVIS4J_IMAGE_MESSAGE_SIZE];
} lavis4j_image_message;

/* A rectangle in pixels. */
typedef struct {
  int32_t left;
  int32_t top;
  int32_t width;
  int32_t height;
} lavis4j_image_box;

#define LAVIS4J_REGIONS_HIGHLIGHT 0 /* veil and frame */
#define LAVIS4J_REGIONS_NONE 1      /* the image as it is */
#define LAVIS4J_REGIONS_HIDE 2      /* covered in grey */
#define LAVIS4J_REGIONS_BLACKOUT 3  /* all else is black */

/* Regions in pixels of an image of the declared size, 0 by 0 for those of the file; later ones are
 * drawn over earlier ones. */
typedef struct {
  const lavis4j_image_box* boxes;
  int32_t num_boxes;
  int32_t declared_width;
  int32_t declared_height;
  int32_t mode;
} lavis4j_image_regions;

#define LAVIS4J_AUGMENT_AUTO_CONTRAST 0 /* stretches the levels of each channel to all */
#define LAVIS4J_AUGMENT_EQUALIZE 1      /* makes the levels of each channel equally frequent */
#define LAVIS4J_AUGMENT_WARP 2          /* moves pixels, as OpenCV before 4.11 */

/* An operation of RandAugment. A pixel (x, y) of a warped image lies at
 *   (m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5])   with m = matrix
 * of the image before, beyond whose edges all is grey 128. */
typedef struct {
  int32_t operation;
  double matrix[6]; /* of finite numbers; ignored but in a warp */
} lavis4j_image_augmentation;

/* The way from an image to its pixels in the batch: crop is resized to width by height, of which
 * window is kept, and mirrored or not; augmentations follow in their order.
 *
 * Where fast is set and the crop is at least 2, 4 or 8 times as wide and as high as its
 * resized form, a JPEG image is decoded at a half, a quarter or an eighth of its size and resized
 * from there: less work, slightly other levels. */
typedef struct {
  lavis4j_image_box crop;
  int32_t width;
  int32_t height;
  lavis4j_image_box window;
  int32_t flip; /* whether left and right are exchanged */
  int32_t fast;
  const lavis4j_image_augmentation* augmentations;
  int32_t num_augmentations;
} lavis4j_image_plan;

/* Reads a file's header. file: (length) bytes. */
LAVIS4J_EXPORT lavis4j_image_status lavis4j_image_size(const uint8_t* file, int64_t length,
                                                       int32_t* width, int32_t* height,
                                                       lavis4j_image_message* message);

/* Carries a plan out and looks every level up.
 *   out[c][y][x] = table[c][level]    table: (3, 256), out: (3, window height, window width)
 * The content of out is undefined after a failure. */
LAVIS4J_EXPORT lavis4j_image_status lavis4j_image_load(const uint8_t* file, int64_t length,
                                                       const lavis4j_image_regions* regions,
                                                       const lavis4j_image_plan* plan,
                                                       const float* table, float* out,
                                                       lavis4j_image_message* message);

/* The same with numbers of 16 bits, whatever they mean. */
LAVIS4J_EXPORT lavis4j_image_status lavis4j_image_load16(const uint8_t* file, int64_t length,
                                                         const lavis4j_image_regions* regions,
                                                         const lavis4j_image_plan* plan,
                                                         const uint16_t* table, uint16_t* out,
                                                         lavis4j_image_message* message);

/* The same without the table. out: (window height, window width, 3), 8 bits per level. */
LAVIS4J_EXPORT lavis4j_image_status lavis4j_image_load_rgb8(const uint8_t* file, int64_t length,
                                                            const lavis4j_image_regions* regions,
                                                            const lavis4j_image_plan* plan,
                                                            uint8_t* out,
                                                            lavis4j_image_message* message);

#ifdef __cplusplus
}
#endif

#endif /* LAVIS4J_IMAGE_H_ */
