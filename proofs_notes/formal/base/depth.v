(** Depth as the blueprint has it (section 0), an infimum over paths, and what the two forms say of it in which all
    statements are: some height suffices, and no less does. Where none suffices the depth is +oo.

    Definitions: [is_depth], d is the greatest lower bound of the heights h for which some path from P ends below F(P)
    and never exceeds F(P) + h; [continuous_along], F is continuous along every path.
    Statements: none; depth_exists, depth_below, depth_above, depth_exact, depth_every_path, depth_infinite relate
    is_depth to depth_at_most and depth_at_least. *)

From Coq Require Import Reals Lra.
From Skipscape.base Require Import paths.
Open Scope R_scope.

Section Depth.
Context {I : Type}.
Variable F : (I -> R) -> R.
Implicit Types P Q : I -> R.

(** section 0: "inf over continuous paths from theta to a strictly smaller objective of (max along the path) - F" *)
Definition is_depth P (d : R) : Prop :=
  (forall h, depth_at_most F P h -> d <= h) /\ (forall e, (forall h, depth_at_most F P h -> e <= h) -> e <= d).

Definition continuous_along : Prop := forall gam, path gam -> continuity (fun t => F (gam t)).

Lemma height_nonneg P h : depth_at_most F P h -> 0 <= h.
Proof. intros (gam & _ & g0 & _ & H). specialize (H 0 ltac:(lra)). rewrite g0 in H. lra. Qed.

(** where some height suffices there is a depth *)
Theorem depth_exists P h : depth_at_most F P h -> exists d, is_depth P d /\ 0 <= d <= h.
Proof.
  intros Hh. destruct (completeness (fun x => depth_at_most F P (- x))) as (b & Hub & Hleast).
  - exists 0. intros x Hx. apply height_nonneg in Hx. lra.
  - exists (- h). now rewrite Ropp_involutive.
  - exists (- b). assert (Hlow : forall g, depth_at_most F P g -> - b <= g).
    { intros g Hg. specialize (Hub (- g)). cbv beta in Hub. rewrite Ropp_involutive in Hub. specialize (Hub Hg). lra. }
    split; [split; [exact Hlow|]|split; [|now apply Hlow]].
    + intros e He. assert (b <= - e); [|lra]. apply Hleast. intros x Hx. specialize (He _ Hx). lra.
    + assert (b <= 0); [|lra]. apply Hleast. intros x Hx. apply height_nonneg in Hx. lra.
Qed.

(** depth_at_most bounds it from above, depth_at_least from below *)
Theorem depth_below P d h : is_depth P d -> depth_at_most F P h -> d <= h.
Proof. intros [H _]. apply H. Qed.

Lemma least_height P d h : depth_at_least F P d -> depth_at_most F P h -> d <= h.
Proof.
  intros Hd (gam & Hg & g0 & g1 & H). destruct (Hd gam Hg g0 g1) as (t & Ht & Hlevel). specialize (H t Ht). lra.
Qed.

Theorem depth_above P d e : is_depth P d -> depth_at_least F P e -> e <= d.
Proof. intros [_ H] He. apply H. intros h Hh. now apply (least_height P e h). Qed.

(** both with one number: that is the depth, and it is attained *)
Theorem depth_exact P d : depth_at_most F P d -> depth_at_least F P d -> is_depth P d.
Proof.
  intros Hmost Hleast. split; [intros h; now apply least_height|]. intros e He. now apply He.
Qed.

(** and every path meets the depth, where F is continuous along paths *)
Theorem depth_every_path P d : continuous_along -> is_depth P d -> depth_at_least F P d.
Proof.
  intros HF [Hlow _] gam Hg g0 g1.
  destruct (continuity_ab_maj (fun t => F (gam t)) 0 1 Rle_0_1) as (t & Hmax & Ht).
  { intros c _. now apply HF. }
  exists t. split; [easy|]. assert (d <= F (gam t) - F P); [|lra].
  apply Hlow. exists gam. repeat split; try easy. intros s Hs. specialize (Hmax s Hs). cbv beta in Hmax. lra.
Qed.

(** "+inf at a global minimum" *)
Theorem depth_infinite P : (forall Q, F P <= F Q) -> forall h, ~ depth_at_most F P h.
Proof. intros Hmin h (gam & _ & _ & Hlow & _). specialize (Hmin (gam 1)). lra. Qed.
End Depth.
