package io.lavis4j.dataset.shard;

import io.lavis4j.io.Listing;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.jspecify.annotations.Nullable;

/**
 * Where the samples of a WebDataset shard lie in its tar file. Members that follow one another and whose names agree up
 * to the first dot of the last part, their key, are one sample; what follows the dot, the whole of it, says what a
 * member is: {@code 1.mask.png} is not the image of 1. Names are keys for messages and never paths; one that is not
 * UTF-8 is taken byte by byte, so that different names stay different.
 *
 * @param shard the file
 * @param samples those that are whole
 * @param faults of others and of the file, each naming file and key
 */
record ShardIndex(Path shard, List<Entry> samples, List<String> faults) {

    private static final Set<String> IMAGES =
            Set.of("jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff");
    static final int RECORD = 512;
    static final int MAX_BYTES = 1 << 30;
    static final String BYTES = "ISO-8859-1"; // keeps each byte of a name as a character
    private static final int NAMED_FILES = 4;

    ShardIndex {
        samples = List.copyOf(samples);
        faults = List.copyOf(faults);
    }

    /**
     * A sample.
     *
     * @param key of its members
     * @param image content of the image's file
     * @param text content of the text's file
     * @param json whether the text is JSON, with the words under {@code caption}
     */
    record Entry(String key, Range image, Range text, boolean json) {}

    /** Part of the tar file, bytes. */
    record Range(long offset, int size) {

        byte[] read(FileChannel file) throws IOException {
            var bytes = ByteBuffer.allocate(size);
            while (bytes.hasRemaining()) {
                if (file.read(bytes, offset + bytes.position()) < 0) {
                    throw new IOException("it ends before byte %d; it has changed".formatted(offset + size));
                }
            }
            return bytes.array();
        }
    }

    /** Reads headers only, of a file that is whole; what lies before the first fault of the file can be used. */
    static ShardIndex read(Path shard) {
        var members = new Members(shard);
        try {
            var packing = Packing.of(shard);
            if (packing != null) {
                members.packed(packing);
                return members.index();
            }
            long size = Files.size(shard);
            try {
                read(shard, size, members);
            } catch (IOException | IllegalArgumentException e) { // the library throws both for nonsense in a header
                members.fault(recovered(shard, size), e);
            }
        } catch (IOException e) {
            members.fault(List.of(), e);
        }
        return members.index();
    }

    private static void read(Path shard, long size, Members members) throws IOException {
        try (var tar = new TarFile(shard, BYTES)) {
            long end = 0;
            for (var member : tar.getEntries()) {
                long from = member.getDataOffset();
                end = from + (member.getSize() + RECORD - 1) / RECORD * RECORD;
                members.add(member, from);
            }
            if (size - end < RECORD) {
                members.unfinished();
            }
        }
    }

    /** The members before a fault, found by reading the file from its beginning. */
    private static List<Member> recovered(Path shard, long size) {
        var whole = new ArrayList<Member>();
        try (var file = new BufferedInputStream(Files.newInputStream(shard));
                var tar = new TarArchiveInputStream(file, BYTES)) {
            for (var member = tar.getNextEntry(); member != null; member = tar.getNextEntry()) {
                long from = tar.getBytesRead();
                if (from + member.getSize() <= size) {
                    whole.add(new Member(member, from));
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            return whole; // this is the fault that is known already
        }
        return whole;
    }

    /** A name of bytes as text; the names of POSIX headers are text already. */
    static String text(String name) {
        if (!StandardCharsets.ISO_8859_1.newEncoder().canEncode(name)) {
            return name;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(name.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return name;
        }
    }

    /** Whether a member is a file whose bytes follow its header. */
    static boolean isContent(TarArchiveEntry member) {
        return member.isFile() && !member.isSymbolicLink() && !member.isLink() && !member.isSparse();
    }

    private record Member(TarArchiveEntry header, long from) {}

    /** Puts members together. */
    private static final class Members {
        private final Path shard;
        private final List<Entry> samples = new ArrayList<>();
        private final List<String> faults = new ArrayList<>();
        private @Nullable String key;
        private @Nullable Range image;
        private @Nullable Range text;
        private @Nullable Range json;
        private @Nullable String problem;
        private final Set<String> endings = new LinkedHashSet<>();

        Members(Path shard) {
            this.shard = shard;
        }

        void add(TarArchiveEntry member, long from) {
            String name = text(member.getName());
            int slash = name.lastIndexOf('/') + 1, dot = name.indexOf('.', slash);
            if (!isContent(member) || dot <= slash || name.startsWith("__", slash)) {
                return; // folders, links, hidden files, WebDataset's own notes
            }
            if (!name.substring(0, dot).equals(key)) {
                finish();
                key = name.substring(0, dot);
            }
            String ending = name.substring(dot + 1).toLowerCase(Locale.ROOT);
            endings.add(ending);
            if (member.getSize() > MAX_BYTES) {
                problem = "has %d bytes of %s, expected at most %d".formatted(member.getSize(), ending, MAX_BYTES);
                return;
            }
            var range = new Range(from, (int) member.getSize());
            if (IMAGES.contains(ending)) {
                image = once(image, range, ending);
            } else if (ending.equals("txt")) {
                text = once(text, range, ending);
            } else if (ending.equals("json")) {
                json = once(json, range, ending);
            }
        }

        private Range once(@Nullable Range before, Range range, String ending) {
            if (before != null) {
                problem = "has more than one image, txt or json, the second is ." + ending;
            }
            return range;
        }

        /** Takes the sample that is complete now; LAVIS takes the words of the JSON, where there is one. */
        private void finish() {
            var words = json == null ? text : json;
            if (key != null) {
                if (problem == null && (image == null || words == null)) {
                    problem =
                            "lacks %s, has only %s; a key ends at the first dot of a name, and its files follow one another"
                                    .formatted(
                                            image == null
                                                    ? "an image (jpg, png, webp, gif, bmp or tif)"
                                                    : "a text (txt or json)",
                                            Listing.of(endings, NAMED_FILES));
                }
                if (problem != null || image == null || words == null) {
                    faults.add("%s, key %s: %s".formatted(shard, key, problem));
                } else {
                    samples.add(new Entry(key, image, words, json != null));
                }
            }
            key = null;
            image = null;
            text = null;
            json = null;
            problem = null;
            endings.clear();
        }

        void packed(Packing packing) {
            faults.add("%s: is %s; unpack it, as samples are read where they lie".formatted(shard, packing));
        }

        /** The file has no end mark, so that the last sample may lack members. */
        void unfinished() {
            cutOff("the two empty blocks at its end are missing");
        }

        void fault(List<Member> whole, Exception reason) {
            whole.forEach(member -> add(member.header(), member.from()));
            cutOff(String.valueOf(reason.getMessage()));
        }

        private void cutOff(String reason) {
            String last = key;
            if (image == null || (text == null && json == null)) {
                key = null; // part of the same fault
            }
            finish();
            faults.add("%s: is not a whole tar file (%s), %s; fetch it again"
                    .formatted(
                            shard,
                            reason,
                            last == null ? "no sample can be read" : "its end is missing after key " + last));
        }

        ShardIndex index() {
            finish();
            return new ShardIndex(shard, samples, faults);
        }
    }

    /** Why there is no sample, if there is none. */
    List<String> reasons() {
        return faults.isEmpty()
                ? List.of("%s: has no files of samples, expected KEY.jpg beside KEY.txt or KEY.json".formatted(shard))
                : faults;
    }

    /** The name of a sample in messages. */
    String named(int index) {
        return "key %s of %s".formatted(samples.get(index).key(), shard);
    }
}
