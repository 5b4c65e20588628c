package io.lavis4j.caption;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/** An image file that was named itself. */
final class OneImage implements ImageStream {

    private final Iterator<SourceImage> image;

    OneImage(Path file) {
        image = List.of(new SourceImage(file.toString(), new ImageContent.OnDisk(file)))
                .iterator();
    }

    @Override
    public boolean hasNext() {
        return image.hasNext();
    }

    @Override
    public SourceImage next() {
        return image.next();
    }

    @Override
    public double share() {
        return image.hasNext() ? 0 : 1;
    }

    @Override
    public void close() {}
}
