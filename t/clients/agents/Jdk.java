/*
 * Copyright (C) llm-policy authors
 *
 * The HTTP client of the JDK, as Spring AI uses it.  On plain HTTP, each of its
 * requests offers a switch to HTTP/2.
 *
 *   java Jdk METHOD URL KEY [length|chunked] <BODY
 *
 * prints the status of the response, and its body.
 */

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

public class Jdk {

    public static void main(String[] args)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder()
            .uri(URI.create(args[1]))
            .header("Authorization", "Bearer " + args[2])
            .method(args[0], body(args));

        if (args.length > 3) {
            request.header("Content-Type", "application/json");
        }

        HttpResponse<String> response = HttpClient.newHttpClient().send(
            request.build(), BodyHandlers.ofString());

        System.out.println(response.statusCode());
        System.out.println(response.body());
    }

    private static BodyPublisher body(String[] args) throws IOException {
        if (args.length <= 3) {
            return BodyPublishers.noBody();
        }

        byte[] body = System.in.readAllBytes();

        return args[3].equals("chunked")
            ? BodyPublishers.ofInputStream(
                () -> new ByteArrayInputStream(body))
            : BodyPublishers.ofByteArray(body);
    }
}
