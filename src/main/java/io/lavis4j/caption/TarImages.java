package io.lavis4j.caption;

import io.lavis4j.dataset.shard.TarMembers;
import io.lavis4j.image.ImageFormat;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The images in a tar file, told by their content, in its order. Hidden files are passed over, and others named. */
final class TarImages implements ImageStream {

    /** A part of the name that begins with a dot and does not only stand for a folder. */
    private static final Pattern HIDDEN = Pattern.compile("(.*/)?\\.(?!\\.?/).*");

    private final Path tar;
    private final TarMembers members;
    private final PassedOver passedOver;
    private @Nullable SourceImage next;
    private boolean ended;

    TarImages(Path tar) {
        this.tar = tar;
        members = TarMembers.open(tar);
        passedOver = new PassedOver(tar.toString());
    }

    @Override
    public boolean hasNext() {
        while (next == null && !ended) {
            var member = members.next();
            if (member == null) {
                ended = true;
                passedOver.end();
            } else if (!HIDDEN.matcher(member.name()).matches()) {
                next = image(member);
            }
        }
        return next != null;
    }

    private @Nullable SourceImage image(TarMembers.Member member) {
        if (ImageFormat.of(members.beginning(ImageFormat.BEGINNING)) == null) {
            passedOver.other(member.name());
            return null;
        }
        passedOver.image();
        return new SourceImage(member.name(), new ImageContent.InTar(tar, member));
    }

    @Override
    public SourceImage next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("%s has no further image".formatted(tar));
        }
        var image = next;
        next = null;
        return image;
    }

    @Override
    public double share() {
        return members.share();
    }

    @Override
    public void close() {
        members.close();
    }
}
