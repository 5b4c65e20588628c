package io.lavis4j.dataset.shard;

import io.lavis4j.dataset.TestText;
import io.lavis4j.image.RgbImage;
import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.SampleRandom;
import io.lavis4j.processor.SeededSampleRandom;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Shards in a folder; the image of sample i has the one pixel (i, 0, 0), which is the first number of its place. */
final class TestShards implements ImageProcessor {

    final AtomicInteger images = new AtomicInteger();
    private final Path folder;
    private final List<Path> shards = new ArrayList<>();
    private int samples;

    TestShards(Path folder) {
        this.folder = folder;
    }

    /** Shards of so many samples, numbered on: {@code <number>.png} and {@code <number>.txt}. */
    TestShards with(int... counts) {
        for (int count : counts) {
            var tar = new Tar();
            for (int i = 0; i < count; i++) {
                tar.sample(samples++);
            }
            add(tar);
        }
        return this;
    }

    Path add(Tar tar) {
        var shard = folder.resolve("%05d.tar".formatted(shards.size()));
        tar.write(shard);
        shards.add(shard);
        return shard;
    }

    List<Path> shards() {
        return List.copyOf(shards);
    }

    int samples() {
        return samples;
    }

    StreamSource source(int samplesPerEpoch) {
        return new StreamSource(
                "shards",
                shards,
                samplesPerEpoch,
                7,
                this,
                TestText.AS_IT_IS,
                ImagePipelines.best(),
                SeededSampleRandom::of);
    }

    StreamSource source() {
        return source(samples);
    }

    @Override
    public int imageSize() {
        return 1;
    }

    @Override
    public void process(RgbImage image, SampleRandom random, FloatBuffer out) {
        images.incrementAndGet();
        out.put(image.pixels()[0] & 0xff).put((float) random.uniform(0, 1)).put(0);
    }

    /** A tar file in the making. */
    static final class Tar {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final TarArchiveOutputStream out;

        Tar() {
            this("UTF-8");
        }

        /** @param encoding of names */
        Tar(String encoding) {
            out = new TarArchiveOutputStream(bytes, encoding);
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        }

        Tar posix() {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            return this;
        }

        Tar sample(int number) {
            return member(number + ".png", png(number)).member(number + ".txt", "text " + number);
        }

        Tar member(String name, String content) {
            return member(name, content.getBytes(StandardCharsets.UTF_8));
        }

        Tar member(String name, byte[] content) {
            var entry = new TarArchiveEntry(name, true);
            entry.setSize(content.length);
            return entry(entry, content);
        }

        Tar link(String name, String target) {
            var entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
            entry.setLinkName(target);
            return entry(entry, new byte[0]);
        }

        Tar folder(String name) {
            return entry(new TarArchiveEntry(name + "/"), new byte[0]);
        }

        private Tar entry(TarArchiveEntry entry, byte[] content) {
            try {
                out.putArchiveEntry(entry);
                out.write(content);
                out.closeArchiveEntry();
                return this;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void write(Path file) {
            try {
                out.close();
                Files.write(file, bytes.toByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static byte[] png(int number) {
        var image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, number << 16);
        var bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
