package io.lavis4j.checkpoint;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The format of a file, told by its first bytes, never by its name. */
enum FileFormat {
    /** A zip file, as {@code torch.save} writes since PyTorch 1.6. */
    TORCH_ZIP,
    /** A stream that begins with a pickle, as {@code torch.save} wrote before. */
    TORCH_LEGACY,
    SAFETENSORS,
    /** A JSON object, as the index of a sharded checkpoint is. */
    JSON;

    private static final int HEAD = 512;
    private static final int TAR_MAGIC_AT = 257;

    /** @throws CheckpointException that says what the file is instead, if it is none of these */
    static FileFormat of(MappedFile file) {
        if (file.size == 0) {
            throw file.damaged("the file is empty");
        }
        var bytes = file.read(0, Math.min(file.size, HEAD));
        var head = StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
        if (isSafeTensors(bytes)) { // first: its length may begin like any other format
            return SAFETENSORS;
        }
        if (head.startsWith("PK\3\4")) {
            return TORCH_ZIP;
        }
        if (head.startsWith("version https://git-lfs")) {
            throw file.bad("this is a git-lfs pointer, not the file itself; fetch it with git lfs pull");
        }
        var text = head.stripLeading().toLowerCase(Locale.ROOT);
        if (text.startsWith("<!doctype") || text.startsWith("<html") || text.startsWith("<?xml")) {
            throw file.bad("this is a web page, probably an error message saved in place of the file; fetch it again");
        }
        if (head.startsWith("ustar", TAR_MAGIC_AT)) {
            throw file.bad("tar files of PyTorch 0.1 are not supported; load and save it with a newer PyTorch");
        }
        if (head.charAt(0) == 0x80) {
            return TORCH_LEGACY;
        }
        if (head.startsWith("{")) {
            return JSON;
        }
        throw file.damaged(
                "expected a .pth or safetensors file or the index of a sharded one, got %d bytes of something else",
                file.size);
    }

    /** Whether it begins with the length of a header, 8 bytes of which the upper half is 0, and with that header. */
    private static boolean isSafeTensors(ByteBuffer head) {
        return head.limit() > Long.BYTES && head.get(Long.BYTES) == '{' && head.getInt(Integer.BYTES) == 0;
    }
}
