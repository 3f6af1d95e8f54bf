(** Paths in a space of weights, chains of straight segments, sub-level sets, depth (blueprint, sections 0 and 4).
    Weights are real coordinates indexed by any type [I].

    Definitions: [path], a curve of weights continuous in every coordinate; [lin], the point at time t of the
    straight segment from P to Q; [joined], P and Q are the ends of a chain of segments on which every point
    satisfies a property; [sublevel], F <= c; [depth_at_most], some path from P ends below F(P) and never exceeds
    F(P) + d; [depth_at_least], every path that ends below F(P) reaches F(P) + d; [clamp], a time cut off at 0 and
    1; [concat], one path after the other; [path_on_interval], a curve continuous on [0, 1] alone.
    Statements: none; interval_path and depth_at_least_interval say that continuity on [0, 1] is enough. *)

From Coq Require Import Reals Lra Psatz FunctionalExtensionality.
From Skipscape.base Require Import relu.
Open Scope R_scope.

Section Paths.
Context {I : Type}.
Implicit Types P Q T : I -> R.

(** "continuous path"; continuity on [0, 1] alone says the same, [interval_path] *)
Definition path (gam : R -> I -> R) : Prop := forall i, continuity (fun t => gam t i).

(** the point at time t of the straight segment from P to Q *)
Definition lin (t : R) P Q : I -> R := fun i => (1 - t) * P i + t * Q i.

(** section 4: "a path is a chain of straight segments"; here every point of it satisfies [ok] *)
Inductive joined (ok : (I -> R) -> Prop) : (I -> R) -> (I -> R) -> Prop :=
| joined_refl P : ok P -> joined ok P P
| joined_step P Q T :
    (forall t, 0 <= t <= 1 -> ok (lin t P Q)) -> joined ok Q T -> joined ok P T.

(** the sub-level set [{F <= c}] *)
Definition sublevel (F : (I -> R) -> R) (c : R) (P : I -> R) : Prop := F P <= c.

(** section 0, Depth: at most d, witnessed by a path; at least d, for every path.
    (The blueprint's depth is the infimum of (max along the path) - F(theta).) *)
Definition depth_at_most (F : (I -> R) -> R) P (d : R) : Prop :=
  exists gam, path gam /\ gam 0 = P /\ F (gam 1) < F P /\
    forall t, 0 <= t <= 1 -> F (gam t) <= F P + d.

Definition depth_at_least (F : (I -> R) -> R) P (d : R) : Prop :=
  forall gam, path gam -> gam 0 = P -> F (gam 1) < F P ->
    exists t, 0 <= t <= 1 /\ F P + d <= F (gam t).

Lemma lin_0 P Q : lin 0 P Q = P.
Proof. apply functional_extensionality; intros i. unfold lin. ring. Qed.

Lemma lin_1 P Q : lin 1 P Q = Q.
Proof. apply functional_extensionality; intros i. unfold lin. ring. Qed.

Lemma lin_rev t P Q : lin (1 - t) P Q = lin t Q P.
Proof. apply functional_extensionality; intros i. unfold lin. ring. Qed.

Lemma lin_same t P : lin t P P = P.
Proof. apply functional_extensionality; intros i. unfold lin. ring. Qed.

Section Joined.
Variable ok : (I -> R) -> Prop.

Lemma joined_start P Q : joined ok P Q -> ok P.
Proof.
  destruct 1 as [P H | P Q T H _]; [easy|].
  rewrite <- (lin_0 P Q). apply H. lra.
Qed.

Lemma joined_line P Q : (forall t, 0 <= t <= 1 -> ok (lin t P Q)) -> joined ok P Q.
Proof.
  intros H. apply (joined_step ok P Q); [easy|]. apply joined_refl.
  rewrite <- (lin_1 P Q). apply H. lra.
Qed.

Lemma joined_trans P Q T : joined ok P Q -> joined ok Q T -> joined ok P T.
Proof.
  induction 1 as [P _ | P Q Q' H _ IH]; intros HQ; [easy|].
  apply (joined_step ok P Q); auto.
Qed.

Lemma joined_sym P Q : joined ok P Q -> joined ok Q P.
Proof.
  induction 1 as [P H | P Q T H _ IH]; [now apply joined_refl|].
  apply (joined_trans T Q P IH), joined_line.
  intros t Ht. rewrite <- lin_rev. apply H. lra.
Qed.

Lemma joined_end P Q : joined ok P Q -> ok Q.
Proof. intros H. apply joined_sym in H. now apply joined_start in H. Qed.
End Joined.

Lemma joined_mono (ok ok' : (I -> R) -> Prop) P Q :
  (forall T, ok T -> ok' T) -> joined ok P Q -> joined ok' P Q.
Proof.
  intros H. induction 1.
  - apply joined_refl; auto.
  - apply (joined_step ok' P Q); auto.
Qed.

(** * A chain of segments is a continuous path on [0, 1] *)

Definition clamp (s : R) : R := Rmax 0 (Rmin 1 s).

Lemma clamp_lo s : s <= 0 -> clamp s = 0.
Proof. unfold clamp. relu_cases; lra. Qed.

Lemma clamp_hi s : 1 <= s -> clamp s = 1.
Proof. unfold clamp. relu_cases; lra. Qed.

Lemma clamp_id s : 0 <= s <= 1 -> clamp s = s.
Proof. unfold clamp. relu_cases; lra. Qed.

Lemma clamp_bound s : 0 <= clamp s <= 1.
Proof. unfold clamp. relu_cases; lra. Qed.

Lemma clamp_continuous : continuity clamp.
Proof.
  intros s e He. exists e. split; [easy|]. intros u [_ Hu]. simpl in *. unfold R_dist in *.
  eapply Rle_lt_trans; [|exact Hu]. unfold clamp. relu_cases; lra.
Qed.

Lemma continuity_ext (f g : R -> R) : (forall t, f t = g t) -> continuity f -> continuity g.
Proof. intros H Hf. now replace g with f by (apply functional_extensionality; exact H). Qed.

Lemma affine_continuous a b : continuity (fun t => a * t + b).
Proof.
  apply derivable_continuous, derivable_plus.
  - apply derivable_mult; [apply derivable_const | apply derivable_id].
  - apply derivable_const.
Qed.

Lemma clamped_continuous (g : R -> R) a b :
  continuity g -> continuity (fun t => g (clamp (a * t + b))).
Proof.
  intros Hg. apply (continuity_comp (fun t => clamp (a * t + b)) g); [|easy].
  apply (continuity_comp (fun t => a * t + b) clamp); [apply affine_continuous | apply clamp_continuous].
Qed.

(** one path after the other *)
Definition concat (g1 g2 : R -> I -> R) (t : R) : I -> R :=
  fun i => g1 (clamp (2 * t)) i + (g2 (clamp (2 * t - 1)) i - g2 0 i).

Lemma concat_continuous g1 g2 : path g1 -> path g2 -> path (concat g1 g2).
Proof.
  intros H1 H2 i. unfold concat. apply continuity_plus.
  - apply (continuity_ext (fun t => g1 (clamp (2 * t + 0)) i)).
    + intros t. now rewrite Rplus_0_r.
    + exact (clamped_continuous (fun t => g1 t i) 2 0 (H1 i)).
  - apply continuity_minus; [|now apply continuity_const].
    exact (clamped_continuous (fun t => g2 t i) 2 (-1) (H2 i)).
Qed.

Lemma concat_first g1 g2 t : t <= 1/2 -> concat g1 g2 t = g1 (clamp (2 * t)).
Proof.
  intros Ht. apply functional_extensionality; intros i. unfold concat.
  rewrite (clamp_lo (2 * t - 1)) by lra. ring.
Qed.

Lemma concat_second g1 g2 t : g1 1 = g2 0 -> 1/2 <= t -> concat g1 g2 t = g2 (clamp (2 * t - 1)).
Proof.
  intros E Ht. apply functional_extensionality; intros i. unfold concat.
  rewrite (clamp_hi (2 * t)), E by lra. ring.
Qed.

Lemma line_continuous P Q : path (fun t => lin t P Q).
Proof.
  intros i. apply (continuity_ext (fun t => (Q i - P i) * t + P i)); [|apply affine_continuous].
  intros t. unfold lin. ring.
Qed.

Theorem joined_path ok P Q : joined ok P Q ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = Q /\ forall t, 0 <= t <= 1 -> ok (gam t).
Proof.
  induction 1 as [P H | P Q T H _ (g & Hg & g0 & g1 & Hok)].
  - exists (fun _ => P). repeat split; auto. intros i. now apply continuity_const.
  - exists (concat (fun t => lin t P Q) g). split; [|split; [|split]].
    + apply concat_continuous; [apply line_continuous | easy].
    + rewrite concat_first, clamp_lo by lra. apply lin_0.
    + rewrite concat_second, clamp_hi by (rewrite ?lin_1; lra || easy). easy.
    + intros t Ht. destruct (Rle_dec t (1/2)) as [Hl|Hr].
      * rewrite concat_first by easy. apply H, clamp_bound.
      * rewrite concat_second by (rewrite ?lin_1; lra || easy). apply Hok, clamp_bound.
Qed.

(** * Continuity on [0, 1] alone is enough: such a path rests before 0 and after 1 *)

Definition path_on_interval (gam : R -> I -> R) : Prop := forall i t, 0 <= t <= 1 -> forall e, 0 < e ->
  exists d, 0 < d /\ forall s, 0 <= s <= 1 -> Rabs (s - t) < d -> Rabs (gam s i - gam t i) < e.

Theorem interval_path gam : path_on_interval gam ->
  exists gam', path gam' /\ forall t, 0 <= t <= 1 -> gam' t = gam t.
Proof.
  intros H. exists (fun t => gam (clamp t)). split; [|intros t Ht; now rewrite clamp_id].
  intros i t e He. destruct (H i (clamp t) (clamp_bound t) e He) as (d & Hd & Hnear).
  exists d. split; [easy|]. intros s [_ Hs]. simpl in *. unfold R_dist in *.
  apply Hnear; [apply clamp_bound|]. eapply Rle_lt_trans; [|exact Hs].
  unfold clamp. relu_cases; lra.
Qed.

Theorem depth_at_least_interval (F : (I -> R) -> R) P d gam : depth_at_least F P d ->
  path_on_interval gam -> gam 0 = P -> F (gam 1) < F P -> exists t, 0 <= t <= 1 /\ F P + d <= F (gam t).
Proof.
  intros H Hgam g0 g1. destruct (interval_path gam Hgam) as (gam' & Hpath & E).
  destruct (H gam' Hpath) as (t & Ht & Hlevel); rewrite ?E by lra; try easy.
  exists t. split; [easy|]. now rewrite <- E.
Qed.

Lemma joined_depth (F : (I -> R) -> R) P Q d :
  joined (sublevel F (F P + d)) P Q -> F Q < F P -> depth_at_most F P d.
Proof.
  intros H HQ. destruct (joined_path _ _ _ H) as (g & Hg & g0 & g1 & Hok).
  exists g. repeat split; auto. now rewrite g1.
Qed.

Lemma depth_at_most_mono (F : (I -> R) -> R) P d d' :
  d <= d' -> depth_at_most F P d -> depth_at_most F P d'.
Proof.
  intros Hd (g & Hg & g0 & g1 & H). exists g. repeat split; auto.
  intros t Ht. specialize (H t Ht). lra.
Qed.
End Paths.
